/** The second script: hands over what is in it to the first, which has loaded it. */
import type { Handover } from '../onDemand'
import * as panels from './index'

const { nuoyan } = document.currentScript as HTMLScriptElement & { nuoyan: Handover }
if (nuoyan.version === __WIDGET_VERSION__) nuoyan.take(panels)
