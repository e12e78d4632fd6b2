--[[
  Takes a new epoch for a leader.

  KEYS[1] epoch
  ARGV[1] the lowest epoch of the lease term
  ARGV[2] the epoch this writer last took in this term, 0 for none
  ARGV[3] the writer, hexadecimal
  Output  { 'OK', epoch, run id of this process } | { 'STALE' }: another writer took one since
]]
local stored, writer = readEpoch(KEYS[1])
local own = tonumber(ARGV[2])
if own > 0 and stored > own and writer ~= ARGV[3] then return { 'STALE' } end
-- %.0f because the usual conversion of numbers keeps only 14 digits.
local epoch = string.format('%.0f', math.max(stored, own, tonumber(ARGV[1])) + 1)
redis.call('SET', KEYS[1], epoch .. ' ' .. ARGV[3])
return { 'OK', epoch, runId() }
