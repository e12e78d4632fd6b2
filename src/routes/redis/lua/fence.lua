--[[
  Put in front of every other script of this folder.

  The epoch key holds "<number> <writer>": the highest epoch taken and the writer that took it. A write carries the
  epoch of its leadership and is refused when a newer one has been taken, or when the store has forgotten all epochs:
  then it has lost its memory, and only a rebuild, which begins by taking an epoch, may write.
]]
local function readEpoch(key)
  local number, writer = string.match(redis.call('GET', key) or '', '^(%d+) (%x+)$')
  return tonumber(number or '0'), writer
end

-- nil when the write may go on, else the reply that refuses it.
local function refusal(key, epoch)
  local stored = readEpoch(key)
  if stored == 0 then return { 'EMPTIED' } end
  if stored > tonumber(epoch) then return { 'STALE' } end
  return nil
end

-- This process in its present mastership: see verification.ts.
local function instance()
  local replicationId = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)') or ''
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') .. '-' .. replicationId
end

-- The server that a stored route belongs to; nil when the value is none of ours.
local function serverOf(route)
  local ok, record = pcall(cjson.decode, route)
  if ok and type(record) == 'table' and type(record.uid) == 'string' then return record.uid end
  return nil
end
