{{/*
What the Pods of operator and gateway have in common. Everything here keeps to the Pod Security Standard "restricted".
*/}}
{{- define "crisp-mcp.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "crisp-mcp.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "crisp-mcp.probes" -}}
startupProbe:
  httpGet: { path: /healthz, port: admin }
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 90
readinessProbe:
  httpGet: { path: /readyz, port: admin }
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet: { path: /healthz, port: admin }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{/* (list . "operator" values): labels and annotations of the Pod. */}}
{{- define "crisp-mcp.podMetadata" -}}
{{- $values := index . 2 -}}
labels:
  {{- include "crisp-mcp.labels" (list (index . 0) (index . 1)) | nindent 2 }}
  crispmcp.io/metrics: "true"
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  kubectl.kubernetes.io/default-container: {{ index . 1 }}
  {{- with $values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "crisp-mcp.scheduling" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* (list . "operator"): how a process finds Redis and its keys. Passwords come from Secrets and from nowhere else. */}}
{{- define "crisp-mcp.storeEnv" -}}
{{- $root := index . 0 -}}
{{- $who := index . 1 -}}
{{- $redis := $root.Values.redis -}}
- name: REDIS_URL
{{- if eq $redis.mode "embedded" }}
  valueFrom:
    secretKeyRef:
      name: {{ include "crisp-mcp.redis.secret" $root }}
      key: {{ $who }}-url
{{- else }}
  {{- $secret := $redis.existing.operatorUrlSecret }}
  {{- if and (eq $who "gateway") $redis.existing.gatewayUrlSecret.name }}
  {{- $secret = $redis.existing.gatewayUrlSecret }}
  {{- end }}
  {{- if $secret.name }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret.name }}
      key: {{ $secret.key }}
  {{- else }}
  value: {{ $redis.existing.url | quote }}
  {{- end }}
{{- if $redis.existing.caSecret.name }}
- name: REDIS_TLS_CA
  value: /etc/crisp-mcp/redis-ca/{{ $redis.existing.caSecret.key }}
{{- end }}
{{- end }}
- name: KEYRING
  value: /etc/crisp-mcp/keyring
{{- end -}}

{{- define "crisp-mcp.storeMounts" -}}
- name: keyring
  mountPath: /etc/crisp-mcp/keyring
  readOnly: true
{{- if and (eq .Values.redis.mode "existing") .Values.redis.existing.caSecret.name }}
- name: redis-ca
  mountPath: /etc/crisp-mcp/redis-ca
  readOnly: true
{{- end }}
{{- end -}}

{{- define "crisp-mcp.storeVolumes" -}}
- name: keyring
  secret:
    secretName: {{ include "crisp-mcp.keyring.secret" . }}
    defaultMode: 288 # 0440; YAML parsers disagree on octal numbers
{{- if and (eq .Values.redis.mode "existing") .Values.redis.existing.caSecret.name }}
- name: redis-ca
  secret:
    secretName: {{ .Values.redis.existing.caSecret.name }}
    defaultMode: 288 # 0440; YAML parsers disagree on octal numbers
{{- end }}
{{- end -}}

{{- define "crisp-mcp.allowedApiUrls" -}}
{{- $urls := .Values.allowedApiUrls -}}
{{- if .Values.sandbox.enabled -}}
{{- $urls = append $urls (include "crisp-mcp.sandbox.url" .) -}}
{{- end -}}
{{- join "," $urls -}}
{{- end -}}

{{- define "crisp-mcp.sandbox.url" -}}
http://{{ include "crisp-mcp.sandbox.name" . }}.{{ .Release.Namespace }}:8090
{{- end -}}
