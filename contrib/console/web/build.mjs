// Builds ../dist from src. The same sources give the same bytes.
import { build } from 'esbuild'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const out = new URL('../dist/', import.meta.url).pathname
rmSync(out, { recursive: true, force: true })
mkdirSync(out)
const { metafile } = await build({
  entryPoints: ['src/console.tsx', 'src/console.css'],
  outdir: out, bundle: true, minify: true, splitting: true, format: 'esm', target: 'es2022',
  chunkNames: '[name]-[hash]', metafile: true, legalComments: 'none', charset: 'utf8', logLevel: 'warning',
})
for (const name of ['index.html', 'icon.svg']) copyFileSync('src/' + name, out + name)

// What the first page needs, and everything.
const size = (name) => gzipSync(readFileSync(out + name), { level: 9 }).length
const first = new Set(['index.html', 'icon.svg', 'console.css'])
const follow = (name) => {
  if (first.has(name)) return
  first.add(name)
  const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith('/' + name))[1]
  for (const i of output.imports) if (i.kind === 'import-statement') follow(i.path.split('/').pop())
}
follow('console.js')
const total = (names) => [...names].reduce((sum, name) => sum + size(name), 0)
const all = readdirSync(out)
const budget = (what, bytes, limit) => {
  console.log(`${what}: ${(bytes / 1000).toFixed(1)} kB gzipped, at most ${limit / 1000}`)
  if (bytes > limit) process.exitCode = 1
}
budget('first page', total(first), 60_000)
budget('everything', total(all), 300_000)
