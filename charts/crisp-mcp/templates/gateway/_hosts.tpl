{{/* The Host headers that the gateway answers: those of clients, and the Service's for what runs in the cluster. */}}
{{- define "crisp-mcp.gateway.hosts" -}}
{{- $service := include "crisp-mcp.gateway.name" . -}}
{{- $inCluster := printf "%s.%s" $service .Release.Namespace -}}
{{- $public := .Values.gateway.publicHosts -}}
{{- if not $public -}}
{{- $public = list (include "crisp-mcp.publicHost" .) -}}
{{- end -}}
{{- concat $public (list $service $inCluster (printf "%s.svc" $inCluster) (printf "%s.svc.cluster.local" $inCluster)) | uniq | join "," -}}
{{- end -}}
