/** The networks that the benches train and squeeze. */
import type { Network } from '../../packages/pith/dist/zoo/network.js';
import { densenet } from './densenet.js';
import { mobilenetV2 } from './mobilenet-v2.js';
import { plain } from './plain.js';
import { vggBn } from './vgg-bn.js';
import { vit } from './vit.js';
import { wideResnet } from './wide-resnet.js';

export const networks: readonly Network[] = [densenet, mobilenetV2, plain, vggBn, vit, wideResnet];
