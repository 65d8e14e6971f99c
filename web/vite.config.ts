import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { early } from './early'

const source = fileURLToPath(new URL('./src', import.meta.url))
// The host stays as the browser sent it: the gateway compares it with the page's origin.
const proxy = { '/api': { target: process.env.CRM_GATEWAY ?? 'http://127.0.0.1:8080', changeOrigin: false } }

/** Text files of the build lie there compressed too, so that the gateway never compresses. */
function compressed(): Plugin {
  let out = 'dist'
  return {
    name: 'compressed',
    apply: 'build',
    configResolved: (config) => {
      out = config.build.outDir
    },
    closeBundle: () => {
      for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        if (!/\.(js|css|svg|webmanifest)$/.test(entry.name)) continue
        const text = readFileSync(path)
        if (text.length < 1024) continue
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }))
        writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }))
      }
    },
  }
}

/** A language's words are a file named so that who looks at the network sees which language came. */
function chunkName({ facadeModuleId }: { facadeModuleId?: string | null }): string {
  const language = facadeModuleId?.match(/\/locales\/(\w+)\//)?.[1]
  return language ? `assets/words-in-${language}-[hash].js` : 'assets/[name]-[hash].js'
}

// What every page begins with is one file and not four dozen; the rest is asked for by the pages that need it.
const groups = [{ name: 'first', tags: ['$initial' as const] }]

export default defineConfig({
  plugins: [react(), early(), compressed()],
  resolve: { alias: { '~': source } },
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { output: { chunkFileNames: chunkName, codeSplitting: { groups } } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
