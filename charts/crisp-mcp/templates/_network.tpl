{{/* The openings that several components need; each is an item of `ingress` or `egress`. */}}
{{- define "crisp-mcp.network.dns" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
{{- end -}}

{{- define "crisp-mcp.network.metrics" -}}
- ports:
    - port: admin
  from:
    {{- if .Values.networkPolicy.metricsFrom }}
    {{- toYaml .Values.networkPolicy.metricsFrom | nindent 4 }}
    {{- else }}
    - namespaceSelector: {}
    {{- end }}
{{- end -}}

{{/* (list ports peers) */}}
{{- define "crisp-mcp.network.opening" -}}
- ports:
    {{- range index . 0 }}
    - port: {{ . }}
    {{- end }}
  {{- with index . 1 }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "crisp-mcp.network.apiServer" -}}
{{- include "crisp-mcp.network.opening" (list .Values.networkPolicy.apiServerPorts .Values.networkPolicy.apiServer) -}}
{{- end -}}

{{- define "crisp-mcp.network.crisp" -}}
{{- include "crisp-mcp.network.opening" (list .Values.networkPolicy.crispPorts .Values.networkPolicy.crisp) -}}
{{- if .Values.sandbox.enabled }}
- ports:
    - port: http
  to:
    - podSelector:
        matchLabels:
          {{- include "crisp-mcp.selector" (list . "sandbox") | nindent 10 }}
{{- end }}
{{- end -}}

{{- define "crisp-mcp.network.store" -}}
{{- if eq .Values.redis.mode "embedded" -}}
- ports:
    - port: redis
  to:
    - podSelector:
        matchLabels:
          {{- include "crisp-mcp.selector" (list . "redis") | nindent 10 }}
{{- else -}}
{{- include "crisp-mcp.network.opening" (list .Values.networkPolicy.existingRedisPorts .Values.networkPolicy.existingRedis) -}}
{{- end -}}
{{- end -}}
