/**
 * A function's code: a file of `lambdas/` as minified ES modules for Node 24, and the plan. The build is reproducible, so
 * that a deployment without source changes does not change the function.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AssetHashType, DockerImage } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { type BuildOptions, buildSync } from 'esbuild'
import type { Plan } from '../../plan/plan.ts'
import { canonical } from '../../text/canonical.ts'

const ROOT = new URL('../../../', import.meta.url).pathname
const LAMBDAS = join(ROOT, 'lambdas')

/** CommonJS packages need `require` to load Node's modules. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

/** The bundle: `index.mjs`, and separate chunks for dynamic imports. */
export const bundleOptions = (name: string, folder: string) =>
  ({
    entryPoints: [join(LAMBDAS, `${name}.ts`)],
    // Chunk names depend on paths. Relative to this folder, paths are the same on every machine.
    absWorkingDir: ROOT,
    outdir: folder,
    entryNames: 'index',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    logLevel: 'error',
  }) as const satisfies BuildOptions

function bundle(name: string, plan: Plan, folder: string): boolean {
  buildSync(bundleOptions(name, folder))
  writeFileSync(join(folder, 'plan.json'), canonical(plan))
  return true
}

/**
 * Bundles the code at deployment with the local esbuild. CDK skips stacks that the command does not name.
 * @param name the file's name without extension
 */
export const functionCode = (name: string, plan: Plan): Code =>
  Code.fromAsset(LAMBDAS, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The image never runs. CDK needs it, because it distinguishes bundles by image and command.
      image: DockerImage.fromRegistry('none'),
      command: ['esbuild', name, plan.hash],
      local: { tryBundle: folder => bundle(name, plan, folder) },
    },
  })
