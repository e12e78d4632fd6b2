--[[
  Removes the routes of a server, all or all but one. The caller has read the index and names the routes in it as keys;
  should the index have changed since, nothing is done and the caller reads it again.

  KEYS[1]  epoch
  KEYS[2]  the index of the server
  KEYS[3+] its routes; when one is to be kept, it is the first
  ARGV[1]  epoch of the writer
  ARGV[2]  server uid
  ARGV[3]  the index as the caller read it; empty when there was none
  ARGV[4]  the entry of the index for the route to keep; empty for none
  Output   { 'OK', removed } | { 'CHANGED' } | { 'STALE' } | { 'EMPTIED' }
]]
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[3] then return { 'CHANGED' } end

local removed = 0
local kept = nil
for i = 3, #KEYS do
  local held = redis.call('GET', KEYS[i])
  local holder = held and serverOf(held)
  -- A route of another server stays, whatever this index says; a value that is no route goes.
  if held and (not holder or holder == ARGV[2]) then
    if i == 3 and ARGV[4] ~= '' then
      kept = KEYS[i]
    else
      removed = removed + redis.call('DEL', KEYS[i])
    end
  end
end

if kept then
  local left = redis.call('PTTL', kept)
  if left > 0 then
    redis.call('SET', KEYS[2], ARGV[4], 'PX', left)
  else
    redis.call('SET', KEYS[2], ARGV[4])
  end
else
  redis.call('DEL', KEYS[2])
end
return { 'OK', removed }
