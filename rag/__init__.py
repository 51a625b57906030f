"""What is answered: a question becomes a ranked, cited answer; HTTP, page, command line, evaluation."""
