"""A password hash by the reference implementation (argon2-cffi), for test/api/auth.test.ts: prints the text."""
from argon2.low_level import Type, hash_secret

print(hash_secret(b"password", b"somesalt_of_16_b", time_cost=1, memory_cost=64, parallelism=1, hash_len=32, type=Type.ID).decode())
