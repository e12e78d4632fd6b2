--[[
  Removes routes of servers that are going away, each only if it still belongs to the server it was found under. There is
  no fence: whoever leads would do the same, and nothing is written that a newer leader would have to overwrite.

  KEYS[1+] routes
  ARGV[1+] for each the uid of its server
  Output   { 'OK', removed }
]]
local removed = 0
for i = 1, #KEYS do
  local held = redis.call('GET', KEYS[i])
  if held and serverOf(held) == ARGV[i] then
    removed = removed + redis.call('DEL', KEYS[i])
  end
end
return { 'OK', removed }
