/** A text on stdout. Whoever reads may have seen enough, such as `head`. */
export function print(text: string): void {
  if (process.stdout.listenerCount('error', ignoreClosedPipe) === 0) process.stdout.on('error', ignoreClosedPipe);
  process.stdout.write(`${text}\n`);
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
