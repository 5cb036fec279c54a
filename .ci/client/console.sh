# The console in a browser: what is built of its sources is what is committed, and its walk. Its packages are in ./web.
set -euo pipefail
root=$1
cd web
npx tsc --noEmit
node build.mjs
diff -r ../dist "$root/contrib/console/dist" || {
  echo 'contrib/console/dist is not what contrib/console/web gives: npm run build there'
  exit 1
}
mkdir ../walk
cd ../walk
node ../web/walk/walk.mjs
