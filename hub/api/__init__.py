"""The status API: /api/v1, server-sent events, Prometheus metrics. Every answer is bounded."""
