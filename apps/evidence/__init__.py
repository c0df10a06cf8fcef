"""What is known about safe use: tests, contraception, obligations, counseling, surveys, cases."""
