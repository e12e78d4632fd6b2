--[[
  Takes a new epoch for a leader.

  KEYS[1] epoch
  ARGV[1] the lowest epoch of the lease term
  ARGV[2] the epoch this writer last took in this term, 0 for none
  ARGV[3] the writer, hexadecimal
  ARGV[4] the lowest epoch of the next lease term
  ARGV[5] the highest epoch of a later term that this writer was told of, 0 for none
  Output  { 'OK', epoch, instance } | { 'STALE' }: another writer took one since
          | { 'LATER', epoch }: stored is one of a later term that the writer did not know of
]]
local stored, writer = readEpoch(KEYS[1])
local own = tonumber(ARGV[2])
if own > 0 and stored > own and writer ~= ARGV[3] then return { 'STALE' } end
-- Either this comes late from a leader that was replaced, and it must not push out its successor; or the lease was made
-- anew and counts from zero: then the writer still leads when it hears of the later epoch, and asks again.
if stored > tonumber(ARGV[4]) and stored > tonumber(ARGV[5]) then
  return { 'LATER', string.format('%.0f', stored) }
end
-- %.0f because the usual conversion of numbers keeps only 14 digits.
local epoch = string.format('%.0f', math.max(stored, own, tonumber(ARGV[1])) + 1)
redis.call('SET', KEYS[1], epoch .. ' ' .. ARGV[3])
return { 'OK', epoch, instance() }
