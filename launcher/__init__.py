"""What `./rems` does: an environment, servers, and the product or its tests on top of them.

Knows the product only by its command line and environment variables; never imports it.
"""
