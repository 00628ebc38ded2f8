import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const endsInTs = 'Relative imports end in .ts: one source form for tsc, tap, tsx and native type stripping.'
const extensions = { regex: '^\\.{1,2}(/|$)(?!.*\\.(ts|json)$)', message: endsInTs }
const pure = 'The domain is pure: '
const given = `${pure}time, ids and chance arrive in the command or its context.`

export default defineConfig(
  globalIgnores(['dist/', '.tap/', 'coverage/', 'data/', 'test/client/openapi-types.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    files: ['**/*.{ts,js,cjs,mjs}'],
    extends: [tseslint.configs.base],
    rules: {
      eqeqeq: 'error',
      'for-direction': 'error',
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-async-promise-executor': 'error',
      'no-compare-neg-zero': 'error',
      'no-cond-assign': 'error',
      'no-console': 'error',
      'no-constant-binary-expression': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-debugger': 'error',
      'no-dupe-else-if': 'error',
      'no-duplicate-case': 'error',
      'no-empty': 'error',
      'no-eval': 'error',
      'no-irregular-whitespace': 'error',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'no-unsafe-finally': 'error',
      'no-unsafe-optional-chaining': 'error',
      'no-useless-escape': 'error',
      'no-restricted-imports': ['error', { patterns: [extensions] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value=/^\\.{1,2}\\x2F(?!.*\\.(ts|json)$)/]', message: endsInTs }
      ]
    }
  },

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/require-await': 'off', // a Fastify plugin is async with nothing to await
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ]
    }
  },

  {
    files: ['domain/**/*.ts'],
    rules: {
      // Here a `default` may catch what the types exclude, but every member has its own case.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false }
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            extensions,
            {
              regex: '^(?!\\.|(immutable|sorted-btree)(/|$))',
              message: `${pure}no Node, no Fastify; of npm only immutable and sorted-btree.`
            }
          ]
        }
      ],
      'no-restricted-globals': [
        'error',
        ...['crypto', 'performance'].map((name) => ({ name, message: given })),
        ...['process', 'globalThis', 'global', 'Buffer', 'fetch'].map((name) => ({
          name,
          message: `${pure}no surroundings; what it needs is an argument.`
        })),
        ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => ({
          name,
          message: `${pure}it answers at once; waiting is for the adapters.`
        }))
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: given },
        { object: 'Math', property: 'random', message: given }
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: given },
        { selector: 'CallExpression[callee.name="Date"]', message: given },
        { selector: 'ImportExpression', message: `${pure}nothing is loaded while deciding.` }
      ]
    }
  },

  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': ['error', { max: 120, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: 'test', package: '@tapjs/test' }] }
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off'
    }
  },
  {
    // A browser runs these as they are: what they import is named as it is served.
    files: ['plugins/console/page/*.js'],
    rules: { 'no-restricted-imports': 'off' }
  },
  {
    files: ['adapters/command-line/**', 'test/bench/**', 'openapi/*.ts', 'scripts/**'],
    rules: { 'no-console': 'off' }
  }
)
