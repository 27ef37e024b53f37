/** Compiles the recipients of an environment's alarms. */

import type { AlarmsPlan } from '../../plan/environment-plan.ts'
import type { DiagnosticPath } from '../diagnostics/diagnostic-path.ts'
import { checkOptionalSpelling, fieldsOf } from '../fields/check-settings.ts'
import { type AwsPlace, checkArnPlace } from './aws-place.ts'

/** The maximum length of an e-mail address, and the characters that SNS accepts. */
const ADDRESS = /^(?=.{6,254}$)[\w.!#$%&'*+/=?^`{|}~-]{1,64}@([a-zA-Z0-9-]{1,63}\.)+[a-zA-Z]{2,63}$/

/** CloudWatch alarms cannot publish to FIFO topics. */
const TOPIC = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/

export function compileAlarms(place: DiagnosticPath, value: unknown, own: AwsPlace): AlarmsPlan {
  const fields = fieldsOf(place, value, ['email', 'topicArn']) ?? {}
  const within = place.inside('topicArn')
  const topicArn = checkOptionalSpelling(within, fields.topicArn, {
    pattern: TOPIC,
    allowed: 'the ARN of a standard SNS topic',
  })
  if (topicArn !== null && TOPIC.test(topicArn)) checkArnPlace(within, topicArn, own)
  return {
    email: checkOptionalSpelling(place.inside('email'), fields.email, {
      pattern: ADDRESS,
      allowed: 'one address such as oncall@example.com, in ASCII, of up to 254 characters',
    }),
    topicArn,
  }
}
