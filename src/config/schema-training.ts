import { z } from 'zod'
import { between, positive, setting, text, whole } from './fields.ts'

/** Sections of training. */
export const trainingSections = {
  train: z
    .strictObject({
      network: setting(z.enum(['lstm', 'gru', 'tcn']).default('lstm'), 'What goes over the steps of a window.'),
      size: setting(z.enum(['small', 'big']).default('small'), 'Size of the network; big wants 200 000 windows, half the learning rate and more dropout (0.3).'),
      horizon: setting(z.enum(['10s', '30s', '60s']).default('30s'), 'Label that is learned: how far ahead.'),
      window_rows: setting(whole(2, 1000).default(60), 'Samples of a window.'),
      stride: setting(whole(1, 1000).default(10), 'Of so many neighbouring windows an epoch takes one; neighbours say nearly the same.'),
      folds: setting(whole(1, 20).default(3), 'Tests of the walk forward, each of them newer than the last.'),
      validation_share: setting(between(0.01, 0.5).default(0.12), 'Share of the windows on which the best epoch of a fold is chosen.'),
      test_share: setting(between(0.01, 0.5).default(0.15), 'Share of the windows that tests a fold.'),
      embargo_s: setting(between(0, 86_400).default(60), 'Time between training, validation and test, beyond what windows and labels reach, in seconds.'),
      batch: setting(whole(2, 1024).default(64), 'Windows of a training step.'),
      epochs: setting(whole(1, 1000).default(10), 'Most epochs of a training.'),
      patience: setting(whole(1, 100).default(3), 'Epochs without a better validation after which training ends; never before the fourth.'),
      learning_rate: setting(positive(1).default(0.001), 'Highest learning rate: it rises over the first steps and falls along a cosine.'),
      weight_decay: setting(between(0, 1).default(0.01), 'Decay of the parameters (AdamW).'),
      dropout: setting(between(0, 0.9).default(0.2), 'Share of the numbers before the dense layer that are dropped in a training step.'),
      class_balance: setting(between(0, 1).default(0.5), '0 leaves rare directions rare in the loss, 1 makes all count the same. What a model says is put back to how often they are.'),
      seed: setting(whole(0, 4_294_967_295).default(1), 'Seed of start, order and dropout: the same seed, the same model.'),
      fee_percent: setting(between(0, 1).default(0.055), 'Fee of one side, in percent, that the report takes off the naive policy.'),
      min_probability: setting(between(0, 1).default(0.5), 'Least probability of a direction that a trained model asks for, and the naive policy too.'),
      min_confidence: setting(between(0, 1).default(0.5), 'Least confidence that a trained model asks for, and the naive policy too.'),
      dir: setting(text().default('./data/training'), 'Folder of checkpoints and reports.', { allowed: 'path of a folder' }),
    })
    .prefault({}),
}
