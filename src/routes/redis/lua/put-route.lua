--[[
  Writes a route and enters it into the index of its server, or removes it when its time has passed.
  A key with PXAT t is still there at t, so a route that ends at t gets t - 1.

  KEYS[1] epoch
  KEYS[2] the route
  KEYS[3] the index of its server
  ARGV[1] epoch of the writer
  ARGV[2] the entry of the index for this route
  ARGV[3] server uid
  ARGV[4] end, milliseconds since the Unix epoch; empty for never
  ARGV[5] the record
  Output  { 'OK' } | { 'EXPIRED' } | { 'CONFLICT' }: held by another server | { 'STALE' } | { 'EMPTIED' }
]]
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end

local held = redis.call('GET', KEYS[2])
local holder = held and serverOf(held)
if holder and holder ~= ARGV[3] then return { 'CONFLICT' } end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last = ARGV[4] ~= '' and tonumber(ARGV[4]) - 1 or nil

local others = {}
for entry in string.gmatch(redis.call('GET', KEYS[3]) or '', '%S+') do
  if entry ~= ARGV[2] then others[#others + 1] = entry end
end

if last and now > last then
  if held then redis.call('DEL', KEYS[2]) end
  if #others == 0 then
    redis.call('DEL', KEYS[3])
  else
    redis.call('SET', KEYS[3], table.concat(others, ' '), 'KEEPTTL')
  end
  return { 'EXPIRED' }
end

-- The index lives as long as the longest of its routes.
local indexLast = last
if last and #others > 0 then
  local left = redis.call('PTTL', KEYS[3])
  if left == -1 then
    indexLast = nil
  else
    indexLast = math.max(last, now + left)
  end
end
local index = table.concat({ ARGV[2], unpack(others) }, ' ')

local function write(key, value, untilTime)
  if untilTime then
    redis.call('SET', key, value, 'PXAT', string.format('%.0f', untilTime))
  else
    redis.call('SET', key, value)
  end
end
write(KEYS[3], index, indexLast)
write(KEYS[2], ARGV[5], last)
return { 'OK' }
