"""Tests of what the operator watches."""
