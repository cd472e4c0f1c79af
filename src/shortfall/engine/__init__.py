"""The facade: packs commands, runs the core, decodes events; journal and snapshot."""
