{{/*
All names, labels and images. A release called crisp-mcp gives crisp-mcp-operator, crisp-mcp-gateway, crisp-mcp-redis.
*/}}
{{- define "crisp-mcp.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "crisp-mcp.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "crisp-mcp.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "crisp-mcp.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "crisp-mcp.operator.name" -}}{{ include "crisp-mcp.fullname" . }}-operator{{- end -}}
{{- define "crisp-mcp.gateway.name" -}}{{ include "crisp-mcp.fullname" . }}-gateway{{- end -}}
{{- define "crisp-mcp.redis.name" -}}{{ include "crisp-mcp.fullname" . }}-redis{{- end -}}
{{- define "crisp-mcp.sandbox.name" -}}{{ include "crisp-mcp.fullname" . }}-sandbox{{- end -}}
{{- define "crisp-mcp.cleanup.name" -}}{{ include "crisp-mcp.fullname" . }}-cleanup{{- end -}}
{{- define "crisp-mcp.test.name" -}}{{ include "crisp-mcp.fullname" . }}-test{{- end -}}

{{- define "crisp-mcp.keyring.secret" -}}
{{- default (printf "%s-keyring" (include "crisp-mcp.fullname" .)) .Values.keyring.existingSecret -}}
{{- end -}}
{{- define "crisp-mcp.redis.secret" -}}
{{- default (include "crisp-mcp.redis.name" .) .Values.redis.embedded.existingSecret -}}
{{- end -}}

{{- define "crisp-mcp.sandbox.secret" -}}
{{- default (include "crisp-mcp.sandbox.name" .) .Values.sandbox.existingSecret -}}
{{- end -}}

{{/* Labels that select the Pods of one component: (list . "gateway"). */}}
{{- define "crisp-mcp.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "crisp-mcp.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "crisp-mcp.labels" -}}
{{- $root := index . 0 -}}
{{ include "crisp-mcp.selector" . }}
app.kubernetes.io/part-of: crisp-mcp
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* (list image defaultTag): by digest when there is one. */}}
{{- define "crisp-mcp.imageOf" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default (index . 1) $image.tag }}
{{- end -}}
{{- end -}}
{{- define "crisp-mcp.image" -}}{{ include "crisp-mcp.imageOf" (list .Values.image .Chart.AppVersion) }}{{- end -}}

{{/* What clients call it: host name of publicUrl, without port. */}}
{{- define "crisp-mcp.publicHost" -}}
{{- (urlParse .Values.publicUrl).hostname -}}
{{- end -}}
{{- define "crisp-mcp.publicPath" -}}
{{- (urlParse .Values.publicUrl).path | trimSuffix "/" -}}
{{- end -}}
