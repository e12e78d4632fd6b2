-- Health of CrispMcpServer, CrispAccount and CrispApiToken for Argo CD, by the conditions of their status.
-- Expired and suspended resources are Suspended: what was asked for has happened, and nothing is wrong.
-- Everything before the operator has looked at the present version of the spec is Progressing.
local status = obj.status or {}

if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "Deleted as soon as its URL is known to be dead." }
end

if status.conditions == nil or status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "The operator has not looked at this version yet." }
end

local is = {}
for _, condition in ipairs(status.conditions) do
  is[condition.type] = condition
end

local function holds(type)
  return is[type] ~= nil and is[type].status == "True"
end

if holds("Expired") then return { status = "Suspended", message = is.Expired.message } end
if holds("Suspended") then return { status = "Suspended", message = is.Suspended.message } end
if holds("Stalled") then return { status = "Degraded", message = is.Stalled.message } end
if holds("Reconciling") then return { status = "Progressing", message = is.Reconciling.message } end
if holds("Ready") then return { status = "Healthy", message = is.Ready.message } end
if is.Ready ~= nil and is.Ready.status == "False" then
  return { status = "Degraded", message = is.Ready.message }
end
return { status = "Progressing", message = "The operator is at work." }
