import { describe } from 'vitest';

import { services } from './image/build-image.ts';
import { testImage } from './image/test-image.ts';

describe.each(services.filter((service) => service !== 'gateway'))('the image of %s', (service) => {
  testImage(service);
});
