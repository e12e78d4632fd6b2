--[[
  Writes the record of an account.

  KEYS[1] epoch
  KEYS[2] the account
  ARGV[1] epoch of the writer
  ARGV[2] the record
  Output  { 'OK' } | { 'STALE' } | { 'EMPTIED' }
]]
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end
redis.call('SET', KEYS[2], ARGV[2])
return { 'OK' }
