"""`python -m embedded` is `make run`."""

from embedded.run import main

main()
