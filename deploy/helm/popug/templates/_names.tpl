{{- define "popug.name" -}}
{{- if contains "popug" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-popug" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "popug.labels" -}}
app.kubernetes.io/name: popug
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "popug.selector" -}}
app.kubernetes.io/name: popug
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Every copy of every service by the name of its own: who passes requests on has to tell one that is silent from the others. */}}
{{- define "popug.upstreams" -}}
{{- $all := list }}
{{- $name := include "popug.name" . }}
{{- range $service, $it := .Values.services }}
{{- range $n := until (int $it.replicas) }}
{{- $all = append $all (printf "%s=http://%s-%s-%d.%s-%s:7070" $service $name $service $n $name $service) }}
{{- end }}
{{- end }}
{{- join "," $all }}
{{- end }}

{{/* Settings that hold no secret, the same for every process. */}}
{{- define "popug.settings" -}}
POPUG_PUBLIC_URL: {{ .Values.publicUrl | quote }}
POPUG_TRUST_PROXY: {{ .Values.trustProxy | quote }}
POPUG_UPSTREAMS: {{ include "popug.upstreams" . | quote }}
POPUG_METRICS: {{ printf "0.0.0.0:%d" (int .Values.metrics.port) | quote }}
POPUG_DB_POOL: {{ .Values.database.pool | quote }}
POPUG_DB_ROLES_SECRET_FILE: /secrets/database-roles
POPUG_SIGNING_KEYS_FILE: /secrets/signing-keys.json
POPUG_SEALING_KEY_FILE: /secrets/sealing.key
{{- with .Values.kafka }}
{{- if .brokers }}
KAFKA_BROKERS: {{ .brokers | quote }}
POPUG_KAFKA_PREFIX: {{ .prefix | quote }}
POPUG_KAFKA_TLS: {{ ternary "1" "0" .tls | quote }}
{{- if .caSecret }}
POPUG_KAFKA_CA: /kafka-ca/ca.crt
{{- end }}
{{- if .sasl }}
POPUG_KAFKA_SASL: {{ .sasl | quote }}
POPUG_KAFKA_USER: {{ required "kafka.sasl needs kafka.user" .user | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.mail.from }}
POPUG_MAIL_FROM: {{ . | quote }}
{{- end }}
{{- with .Values.traces.endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
OTEL_TRACES_SAMPLER_ARG: {{ $.Values.traces.share | quote }}
{{- end }}
{{- range $key, $value := .Values.settings }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- end }}
