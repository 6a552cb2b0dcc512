"""Static assets: uploaded once for each content, kept by every version, served by Cloudflare's own code."""
