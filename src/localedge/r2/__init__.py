"""R2: buckets, their objects, the binding, and the S3-compatible endpoint."""
