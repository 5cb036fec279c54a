# What `osls package` makes of a service is validated and run. Its packages are in this folder.
set -euo pipefail
here=$(dirname "$0")
cp "$here/osls.yml" serverless.yml
echo 'exports.greet = async (event) => event' >handler.js
SLS_TELEMETRY_DISABLED=1 npx --no-install osls package
node "$here/template_walk.mjs" .serverless/cloudformation-template-update-stack.json
