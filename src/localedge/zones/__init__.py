"""Zones, their routes and custom domains: where a Worker answers beside its own address."""
