// Asks the browser for a passkey, with what the server wants to know, and sends the answer.

const form = document.querySelector("[data-passkey]");
const said = form.querySelector("[data-passkey-said]");
const again = form.querySelector("[data-passkey-again]");

async function ask() {
  const options = JSON.parse(form.dataset.options);
  if (form.dataset.passkey === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey });
}

async function run() {
  said.hidden = again.hidden = true;
  try {
    const passkey = await ask();
    form.elements.credential.value = JSON.stringify(passkey.toJSON());
    form.submit();
  } catch (error) {
    const known = { NotAllowedError: said.dataset.sayNone, InvalidStateError: said.dataset.sayKnown };
    said.textContent = known[error.name] ?? said.dataset.sayUnable;
    said.hidden = again.hidden = false;
  }
}

again.addEventListener("click", (event) => {
  event.preventDefault();
  run();
});
run();
