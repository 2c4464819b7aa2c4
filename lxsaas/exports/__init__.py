"""Files too large for a request: asked for, made by a worker, handed out for a while, deleted."""
