--[[
  Declares the store rebuilt, if it still is the instance and the epoch in which the rebuild began.

  KEYS[1] epoch
  KEYS[2] synced
  ARGV[1] epoch of the rebuild
  ARGV[2] the instance that gave that epoch
  Output  { 'OK' } | { 'STALE' } | { 'EMPTIED' } | { 'RESTARTED' }
]]
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end
local stored = readEpoch(KEYS[1])
if stored ~= tonumber(ARGV[1]) or instance() ~= ARGV[2] then return { 'RESTARTED' } end
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2])
return { 'OK' }
