/**
 * A function's code: a file of `lambdas/` as minified ES modules for Node 24, and the plan beside it. The same sources
 * make the same bytes, so that a deploy without changes changes nothing.
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

/** Packages of CommonJS ask for Node's own modules so. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

/** How a function is bundled: `index.mjs`, and in files of their own what it imports only when that is needed. */
export const bundleOptions = (name: string, folder: string) =>
  ({
    entryPoints: [join(LAMBDAS, `${name}.ts`)],
    // Paths are in the names of chunks: from here on they are the same on every machine.
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
 * Bundled when it is deployed, by esbuild on this machine; CDK leaves it out for stacks that a command does not name.
 * @param name of the file, without its ending
 */
export const functionCode = (name: string, plan: Plan): Code =>
  Code.fromAsset(LAMBDAS, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never started: it stands here, since CDK tells bundles apart by image and command.
      image: DockerImage.fromRegistry('none'),
      command: ['esbuild', name, plan.hash],
      local: { tryBundle: folder => bundle(name, plan, folder) },
    },
  })
