/**
 * Writes a request's metrics as a log line in CloudWatch's embedded metric format. Powertools' Metrics writes the same line,
 * but takes almost as long as the rest of a small request. test/lambdas compares the lines of both.
 */

/** The part of powertools' Metrics that serving uses. */
export interface ServingMetrics {
  readonly addDimension: (name: string, value: string) => unknown
  readonly addMetadata: (name: string, value: string) => unknown
  readonly addMetric: (name: string, unit: 'Seconds' | 'Milliseconds' | 'Count', value: number) => unknown
  /** Writes the line and starts a new one. */
  readonly publishStoredMetrics: () => void
}

export interface EmbeddedMetricsProps {
  readonly namespace: string
  readonly serviceName: string
  /** @default a line on standard output */
  readonly write?: (line: string) => void
}

interface Definition {
  readonly Name: string
  readonly Unit: string
}

export function embeddedMetrics(props: EmbeddedMetricsProps): ServingMetrics {
  const { namespace: Namespace, serviceName: service } = props
  const { write = line => process.stdout.write(`${line}\n`) } = props
  let dimensions: Record<string, string> = {}
  let metadata: Record<string, string> = {}
  let values: Record<string, number> = {}
  let defined: Definition[] = []
  return {
    addDimension: (name, value) => {
      dimensions[name] = value
    },
    addMetadata: (name, value) => {
      metadata[name] = value
    },
    addMetric: (Name, Unit, value) => {
      values[Name] = value
      defined.push({ Name, Unit })
    },
    publishStoredMetrics: () => {
      const Dimensions = [['service', ...Object.keys(dimensions)]]
      const CloudWatchMetrics = [{ Namespace, Dimensions, Metrics: defined }]
      const _aws = { Timestamp: Date.now(), CloudWatchMetrics }
      write(JSON.stringify({ _aws, ...metadata, service, ...dimensions, ...values }))
      ;[dimensions, metadata, values, defined] = [{}, {}, {}, []]
    },
  }
}
