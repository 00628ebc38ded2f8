import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Only the size limit, without types and without a way round it: `npm run check-sizes`. */
export default defineConfig(
  globalIgnores(['dist/', '.tap/', 'coverage/', 'data/', 'test/client/openapi-types.ts']),
  {
    files: ['**/*.{ts,js,cjs,mjs}'],
    extends: [tseslint.configs.base],
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' },
    rules: { 'max-lines': ['error', { max: 250 }] }
  }
)
