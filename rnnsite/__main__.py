"""`python -m rnnsite`: the command line, for machines where the script is not on PATH."""

from rnnsite.cli import main

if __name__ == "__main__":
    main()
