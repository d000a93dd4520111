/** The three error maps of a plane: loss of likeness, detail that was not there (ringing), and detail that was lost (blurring). */
export const errorMaps = 3;

/** What the errors of one plane at one scale weigh: the means of the three maps, then their 4-norms. */
export type ErrorWeights = readonly [number, number, number, number, number, number];

/** The weights of the planes X, Y and B at one scale; a plane that weighs nothing there is undefined. */
export interface ScaleWeights {
  readonly X?: ErrorWeights;
  readonly Y?: ErrorWeights;
  readonly B?: ErrorWeights;
}

export const planeNames = ["X", "Y", "B"] as const;

/**
 * The weights of SSIMULACRA 2.1 (Sneyers, cloudinary/ssimulacra2) from the finest scale to the coarsest. Of the published 108 those below 0.01 are left
 * out: all of them together move a score by less than a hundredth, and without them two thirds of the planes of the finest scale are not needed, and
 * no sixth scale.
 */
export const scaleWeights: readonly ScaleWeights[] = [
  { Y: [0, 0, 0, 7.466890328, 0, 17.44583398] },
  { X: [0, 0, 0, 1.104172643, 0, 0], Y: [0, 0, 0, 6.683678146, 0, 1.027889938] },
  { X: [0, 0, 0, 1.842245552, 11.4411726, 0], Y: [225.205153, 0, 0, 19.21323819, 0, 0] },
  {
    X: [0, 0, 0, 1.878759498, 10.94906991, 0],
    Y: [176.393176, 0, 0, 24.43301, 0.2852080261, 0],
    B: [0, 0, 0, 8.826982765, 23.19243344, 0],
  },
  {
    X: [0, 0.9677937081, 0, 0, 0.9981766978, 0],
    Y: [0, 0, 0, 34.77906344, 44.83562533, 0],
    B: [95.10804988, 0.9863978034, 0.9834382792, 0, 171.2667256, 0.9807858872],
  },
];

/** Scales whose shorter side is below this are left out. */
export const smallestSide = 8;
