"""The host agent: keeps the processes of deployed daemons, outside of any sandbox, and outlives
the supervisor. docs/architecture.md says how its processes stand to each other.
"""
