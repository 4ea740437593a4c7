import boto3
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="orders_")
    table: str


table = boto3.resource("dynamodb").Table(Settings().table)


def handler(event, context):
    return table.get_item(Key={"id": event["id"]}).get("Item")
