import { Architect } from 'engram';

import { Learner } from './learner.jsx';

/** Rendered on the server, with a network that works there too. */
export default function Page() {
  const [output] = new Architect.Perceptron(2, 3, 1).activate([0, 1]);
  return (
    <>
      <p id="server">{output > 0 && output < 1 ? 'a network ran on the server' : 'no'}</p>
      <Learner />
    </>
  );
}
