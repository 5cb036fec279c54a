# What `cdk synth` makes of an app is validated and run. Its packages are in this folder.
set -euo pipefail
here=$(dirname "$0")
cp "$here/cdk_app.js" app.js
CDK_DISABLE_CLI_TELEMETRY=true npx --no-install cdk synth --app 'node app.js' --quiet --no-version-reporting --no-notices
node "$here/template_walk.mjs" cdk.out/Orders.template.json
