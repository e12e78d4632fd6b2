--[[
  Removes keys, whatever they hold.

  KEYS[1]  epoch
  KEYS[2+] what to remove
  ARGV[1]  epoch of the writer
  Output   { 'OK', removed } | { 'STALE' } | { 'EMPTIED' }
]]
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end
local removed = 0
for i = 2, #KEYS do
  removed = removed + redis.call('DEL', KEYS[i])
end
return { 'OK', removed }
