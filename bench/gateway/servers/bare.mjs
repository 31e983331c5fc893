/** `node bare.mjs ANSWER_FILE PORT`: reads a request to its end and sends the file. */
import fs from "node:fs";
import http from "node:http";

const [answerFile, port] = process.argv.slice(2);
const answer = fs.readFileSync(answerFile);
const headers = { "content-type": "application/json; charset=utf-8", "content-length": answer.length };

const server = http.createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, headers);
    response.end(answer);
  });
});
server.listen(Number(port), "127.0.0.1");
