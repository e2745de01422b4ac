/** Builds the customer widget: two classic scripts, their style sheets, and the static pages around them. */
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

import { noSharedModules, onDemandScript } from './build/onDemand.ts'
import { staticFiles, styleModules } from './build/staticFiles.ts'

export default defineConfig(({ mode }) => {
  const define = {
    // A library build leaves this to its user; the user of ours is a browser.
    'process.env.NODE_ENV': JSON.stringify(mode),
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  }
  const build = {
    target: 'es2020',
    // Smaller than the default by a few hundred bytes, which the budget needs.
    minify: 'terser' as const,
    terserOptions: {
      ecma: 2020 as const,
      compress: { passes: 3, pure_getters: true, keep_fargs: false, unsafe_arrows: true, unsafe_methods: true },
    },
    reportCompressedSize: false,
  }
  return {
    plugins: [vue(), styleModules(), staticFiles(), onDemandScript({ define, build }), noSharedModules()],
    define,
    publicDir: false as const,
    build: {
      ...build,
      outDir: 'dist',
      emptyOutDir: true,
      lib: {
        entry: 'widget/entry.ts',
        name: 'NuoyanWidget',
        formats: ['iife' as const],
        fileName: () => 'widget/nuoyan.js',
      },
    },
    test: {
      environment: 'happy-dom',
      include: ['tests/**/*.test.ts'],
      restoreMocks: true,
    },
  }
})
