// A program of somebody who knows nothing of this server: the official Node SDK as it comes.
import klaviyo from "klaviyo-api";

const profiles = new klaviyo.ProfilesApi(new klaviyo.ApiKeySession("pk_the_programs_own"));
const { body } = await profiles.getProfiles();
if (body.links.self !== "https://a.klaviyo.com/api/profiles") throw new Error(body.links.self);
