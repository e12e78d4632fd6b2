--[[
  Removes routes, whatever they hold and whomever they belong to, and takes each out of the index of its server: an index
  whose last route goes, goes too. The caller has read whose each route is; when that has changed since, the route goes
  all the same and both indexes stay, since what an index says without a route is without effect.

  KEYS[1]  epoch
  KEYS[2+] pairs: a route, the index of its server
  ARGV[1]  epoch of the writer
  ARGV[2+] the entry of the index for each route
  Output   { 'OK', removed } | { 'STALE' } | { 'EMPTIED' }
]]
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end
local removed = 0
for i = 2, #KEYS, 2 do
  removed = removed + redis.call('DEL', KEYS[i])
  local entry = ARGV[i / 2 + 1]
  local index = redis.call('GET', KEYS[i + 1])
  if index then
    local others = {}
    for other in string.gmatch(index, '%S+') do
      if other ~= entry then others[#others + 1] = other end
    end
    if #others == 0 then
      redis.call('DEL', KEYS[i + 1])
    else
      redis.call('SET', KEYS[i + 1], table.concat(others, ' '), 'KEEPTTL')
    end
  end
end
return { 'OK', removed }
