"""PBXs that are not there: for the demo, the tests and the benches. They share no code with the verifiers."""
