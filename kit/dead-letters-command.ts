import { runDeadLetters } from "./amqp/run-dead-letters";

runDeadLetters(process.argv.slice(2), process.env)
  .then((printed) => console.log(printed))
  .catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
