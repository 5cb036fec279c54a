# The walk over the subcommands with a server that verifies signatures, and what it refuses.
source "$(dirname "$0")/server.sh"
echo 'AKIDEXAMPLE wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' >keys
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' AWS_SESSION_TOKEN='a+b/c=='
(SERVE_FLAGS="--keys $PWD/keys" bash "$(dirname "$0")/subcommands.sh")
serve --db memory --keys keys
want stateMachines sfn list-state-machines
AWS_SECRET_ACCESS_KEY=wrong refused InvalidSignatureException sfn list-state-machines
AWS_ACCESS_KEY_ID=AKIDOTHER refused UnrecognizedClientException sfn list-state-machines
refused MissingAuthenticationToken sfn --no-sign-request list-state-machines
echo 'signatures work'
